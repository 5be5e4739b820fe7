module grayling/bench/prometheus

go 1.19

require github.com/prometheus/prometheus v0.42.0
