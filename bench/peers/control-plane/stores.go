package main

import (
	"context"
	"maps"
	"strconv"

	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
)

// order is that of a safe change: what is referred to is there first.
var order = []resource.Type{resource.ListenerType, resource.ClusterType, resource.RouteType, resource.ScopedRouteType}

// Linear is a linear cache a type.
type Linear struct {
	*cache.MuxCache
	layout Layout
	known  map[string]bool
	caches map[resource.Type]*cache.LinearCache
}

func NewLinear(layout Layout) *Linear {
	l := &Linear{layout: layout, known: map[string]bool{}, caches: map[resource.Type]*cache.LinearCache{}}
	muxed := map[string]cache.Cache{}
	for _, kind := range order {
		l.caches[kind] = cache.NewLinearCache(kind)
		muxed[kind] = l.caches[kind]
	}
	l.MuxCache = &cache.MuxCache{
		Classify:      func(r *cache.Request) string { return r.GetTypeUrl() },
		ClassifyDelta: func(r *cache.DeltaRequest) string { return r.GetTypeUrl() },
		Caches:        muxed,
	}
	l.caches[resource.ListenerType].SetResources(layout.Listeners())
	return l
}

func (l *Linear) Put(versions map[string]string) error {
	changed := l.layout.Changed(versions, l.known)
	for _, kind := range order {
		if len(changed[kind]) == 0 {
			continue
		}
		if err := l.caches[kind].UpdateResources(changed[kind], nil); err != nil {
			return err
		}
	}
	return nil
}

// Snapshots is a snapshot cache, with everything in the one snapshot of one Envoy. Only the types that change get a new version.
type Snapshots struct {
	cache.SnapshotCache
	node    string
	layout  Layout
	known   map[string]bool
	all     map[resource.Type]map[string]types.Resource
	version map[resource.Type]int
}

func NewSnapshots(node string, layout Layout) *Snapshots {
	all := map[resource.Type]map[string]types.Resource{}
	for _, kind := range order {
		all[kind] = map[string]types.Resource{}
	}
	all[resource.ListenerType] = layout.Listeners()
	return &Snapshots{
		SnapshotCache: cache.NewSnapshotCache(true, cache.IDHash{}, nil),
		node:          node,
		layout:        layout,
		known:         map[string]bool{},
		all:           all,
		version:       map[resource.Type]int{},
	}
}

func (s *Snapshots) Put(versions map[string]string) error {
	for kind, resources := range s.layout.Changed(versions, s.known) {
		maps.Copy(s.all[kind], resources)
		if len(resources) > 0 {
			s.version[kind]++
		}
	}
	snapshot := &cache.Snapshot{}
	for kind, resources := range s.all {
		items := make([]types.Resource, 0, len(resources))
		for _, item := range resources {
			items = append(items, item)
		}
		snapshot.Resources[cache.GetResponseType(kind)] = cache.NewResources(strconv.Itoa(s.version[kind]), items)
	}
	return s.SetSnapshot(context.Background(), s.node, snapshot)
}
