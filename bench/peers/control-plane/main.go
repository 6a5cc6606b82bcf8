// A control plane as one writes it with go-control-plane: tenants in memory, served to Envoy over ADS from the cache that is asked
// for. What it serves is the bench's workload; `PUT /tenants/{name}?version=v1` makes a tenant or changes it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"sync"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
)

// Store is a cache that serves tenants.
type Store interface {
	cache.Cache
	// Put makes the tenants, or changes their routes. Not for several at a time.
	Put(versions map[string]string) error
}

func main() {
	kind := flag.String("cache", "linear", "linear or snapshot")
	node := flag.String("node", "", "id of the Envoy that is served")
	tenants := flag.Int("tenants", 0, "made at the start, at version v0")
	xds := flag.String("xds", "", "Unix socket to serve Envoy on")
	control := flag.Int("control", 0, "port of 127.0.0.1 that takes changes")
	bind := flag.Uint("bind", 0, "port of 127.0.0.1 that Envoy listens on")
	onDemand := flag.Bool("on-demand", false, "let Envoy load routes at a host's first request")
	flag.Parse()

	layout := Layout{bind: uint32(*bind), onDemand: *onDemand}
	var store Store
	if *kind == "snapshot" {
		store = NewSnapshots(*node, layout)
	} else {
		store = NewLinear(layout)
	}
	initial := make(map[string]string, *tenants)
	for i := range *tenants {
		initial[fmt.Sprintf("t%07d", i)] = "v0"
	}
	must(store.Put(initial))
	go serveEnvoy(store, *xds)
	log.Print("ready")
	must(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", *control), changes(store)))
}

func serveEnvoy(store Store, path string) {
	_ = os.Remove(path) // of a run before
	listener, err := net.Listen("unix", path)
	must(err)
	// The default of 100 streams a connection is enough: there is one.
	service := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(service, server.NewServer(context.Background(), store, nil))
	must(service.Serve(listener))
}

func changes(store Store) http.Handler {
	var one sync.Mutex
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /tenants/{name}", func(w http.ResponseWriter, r *http.Request) {
		one.Lock()
		defer one.Unlock()
		if err := store.Put(map[string]string{r.PathValue("name"): r.URL.Query().Get("version")}); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
