// VictoriaMetrics's text parser on the pages that are the arguments. Prints one JSON object:
// peer/page to its figures.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/protoparser/prometheus"
)

type figures struct {
	MegabytesPerSecond float64 `json:"mb_per_s"`
	NanosPerSample     float64 `json:"ns_per_sample"`
	Samples            int     `json:"samples"`
}

func measure(size int, parse func() int) figures {
	samples := parse()
	result := testing.Benchmark(func(b *testing.B) {
		for i := 0; i < b.N; i++ {
			parse()
		}
	})
	ns := float64(result.T.Nanoseconds()) / float64(result.N)
	return figures{float64(size) * 1e3 / ns, ns / float64(samples), samples}
}

func main() {
	results := map[string]figures{}
	for _, path := range os.Args[1:] {
		page, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		text := string(page)
		var rows prometheus.Rows
		results["victoriametrics/"+filepath.Base(path)] = measure(len(page), func() int {
			rows.Reset()
			rows.Unmarshal(text)
			return len(rows.Rows)
		})
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		os.Exit(1)
	}
}
