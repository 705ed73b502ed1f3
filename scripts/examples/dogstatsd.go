// Sends a gauge, a count and a histogram to Chouette on this device, without a library: go run dogstatsd.go
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
)

// send takes the kinds c (count), g (gauge), ms (timer), h (histogram), d (distribution) and s (set).
func send(to net.Conn, metric string, value float64, kind string, tags ...string) {
	line := fmt.Sprintf("%s:%v|%s", metric, value, kind)
	if len(tags) > 0 {
		line += "|#" + strings.Join(tags, ",")
	}
	// Nobody listens: the error is left alone, the application continues.
	_, _ = to.Write([]byte(line))
}

func main() {
	port := os.Getenv("DD_DOGSTATSD_PORT")
	if port == "" {
		port = "8125"
	}
	chouette, err := net.Dial("udp", "127.0.0.1:"+port)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer chouette.Close()
	send(chouette, "pump.pressure", 2.4, "g", "pump:well")
	send(chouette, "pump.started", 1, "c", "pump:well")
	send(chouette, "pump.flow", 11.25, "h", "pump:well")
}
