module grayling/bench/victoriametrics

// The line of Debian's 1.79.5, which the module proxy does not have.
go 1.19

require github.com/VictoriaMetrics/VictoriaMetrics v1.79.0
