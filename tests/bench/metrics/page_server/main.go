// page_server TARGETS SERIES: serves /target/0 .. /target/TARGETS-1, each a page of SERIES samples
// in Prometheus's text format whose values move once a second, the same in every run: a third
// counters with noisy steps, a third gauges on a random walk, a sixth whole numbers, the rest
// constants, about what a node exporter's page is made of. Prints its port.
package main

import (
	"fmt"
	"math"
	"math/rand"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const labelsPerMetric = 10

type series struct {
	prefix string
	value  float64
	step   float64
}

type target struct {
	mutex  sync.Mutex
	random *rand.Rand
	series []series
	page   []byte
}

func newTarget(number, count int) *target {
	t := &target{random: rand.New(rand.NewSource(int64(number)))}
	for i := 0; i < count; i++ {
		metric, label := i/labelsPerMetric, i%labelsPerMetric
		kind, suffix := i%6, ""
		if kind < 2 {
			suffix = "_total"
		}
		s := series{prefix: fmt.Sprintf("bench_metric_%03d%s{device=\"dev%d\",mode=\"mode%d\"} ",
			metric, suffix, label, kind)}
		s.value = math.Round(t.random.Float64() * 1e6)
		s.step = math.Exp(t.random.NormFloat64() * 3)
		t.series = append(t.series, s)
	}
	return t
}

func (t *target) move() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	page := t.page[:0]
	for i := range t.series {
		s := &t.series[i]
		switch i % 6 {
		case 0: // bytes and packets
			s.value += math.Round(s.step * 1000 * t.random.Float64())
		case 1: // seconds of CPU, in hundredths
			s.value = math.Round((s.value+0.01*math.Round(100*t.random.Float64()))*100) / 100
		case 2, 3: // bytes of memory, temperatures, shares
			s.value += s.step * t.random.NormFloat64()
		case 4: // tasks, sockets
			s.value = math.Max(0, s.value+math.Round(t.random.NormFloat64()))
		}
		page = append(page, s.prefix...)
		page = strconv.AppendFloat(page, s.value, 'g', -1, 64)
		page = append(page, '\n')
	}
	t.page = page
}

func (t *target) write(writer http.ResponseWriter) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	writer.Header().Set("Content-Type", "text/plain; version=0.0.4")
	writer.Write(t.page)
}

func main() {
	targets, errTargets := strconv.Atoi(os.Args[1])
	count, errCount := strconv.Atoi(os.Args[2])
	listener, errListen := net.Listen("tcp", "127.0.0.1:0")
	for _, err := range []error{errTargets, errCount, errListen} {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	all := make([]*target, targets)
	for i := range all {
		all[i] = newTarget(i, count)
		all[i].move()
	}
	go func() {
		for range time.Tick(time.Second) {
			for _, t := range all {
				t.move()
			}
		}
	}()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	http.Serve(listener, http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		number, err := strconv.Atoi(strings.TrimPrefix(request.URL.Path, "/target/"))
		if err != nil || number < 0 || number >= targets {
			http.NotFound(writer, request)
			return
		}
		all[number].write(writer)
	}))
}
