module grayling/bench/victoriametrics

go 1.26

require github.com/VictoriaMetrics/VictoriaMetrics v1.136.23
