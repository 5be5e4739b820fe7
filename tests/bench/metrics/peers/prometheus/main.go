// Prometheus's text parser on the pages that are the arguments, as its scraper calls it. Prints one
// JSON object: peer/page to its figures.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
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

// withLabels: also builds the labels, which its scraper does for new series only.
func parse(page []byte, withLabels bool) int {
	parser, err := textparse.New(page, "text/plain")
	if err != nil {
		panic(err)
	}
	samples := 0
	var found labels.Labels
	for {
		entry, err := parser.Next()
		if err == io.EOF {
			return samples
		}
		if err != nil {
			panic(err)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		parser.Series()
		if withLabels {
			parser.Metric(&found)
		}
		samples++
	}
}

func main() {
	results := map[string]figures{}
	for _, path := range os.Args[1:] {
		page, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		name := filepath.Base(path)
		results["prometheus/"+name] = measure(len(page), func() int { return parse(page, false) })
		results["prometheus (labels)/"+name] = measure(len(page), func() int { return parse(page, true) })
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		os.Exit(1)
	}
}
