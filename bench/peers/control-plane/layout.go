package main

import (
	"fmt"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	ondemand "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/on_demand/v3"
	router "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Layout is how tenants become Envoy's resources: a scope, a RouteConfiguration and a cluster each, so that a change of one is a
// change of one small resource. (One RouteConfiguration for all, as most write it, costs Envoy itself more with each tenant.)
type Layout struct {
	bind     uint32
	onDemand bool
}

// Changed returns what is new by type, and notes tenants as known. Those already known get new routes only.
func (l Layout) Changed(versions map[string]string, known map[string]bool) map[resource.Type]map[string]types.Resource {
	changed := map[resource.Type]map[string]types.Resource{
		resource.ClusterType: {}, resource.RouteType: {}, resource.ScopedRouteType: {},
	}
	for tenant, version := range versions {
		changed[resource.RouteType][tenant] = routes(tenant, version)
		if !known[tenant] {
			known[tenant] = true
			changed[resource.ClusterType][tenant] = upstream(tenant)
			changed[resource.ScopedRouteType][tenant] = l.scope(tenant)
		}
	}
	return changed
}

// routes are ten rules: one answers the version, nine lead to the upstream.
func routes(tenant, version string) *route.RouteConfiguration {
	rules := make([]*route.Route, 0, 10)
	for i := range 9 {
		if i == 5 {
			rules = append(rules, answer(version))
		}
		rules = append(rules, &route.Route{
			Match: &route.RouteMatch{PathSpecifier: &route.RouteMatch_PathSeparatedPrefix{PathSeparatedPrefix: fmt.Sprintf("/service-%d", i)}},
			Action: &route.Route_Route{Route: &route.RouteAction{
				ClusterSpecifier: &route.RouteAction_Cluster{Cluster: tenant},
			}},
		})
	}
	return &route.RouteConfiguration{
		Name:         tenant,
		VirtualHosts: []*route.VirtualHost{{Name: tenant, Domains: []string{"*"}, Routes: rules}},
	}
}

func answer(version string) *route.Route {
	body := &core.DataSource{Specifier: &core.DataSource_InlineString{InlineString: version}}
	return &route.Route{
		Match:  &route.RouteMatch{PathSpecifier: &route.RouteMatch_Path{Path: "/ver"}},
		Action: &route.Route_DirectResponse{DirectResponse: &route.DirectResponseAction{Status: 200, Body: body}},
	}
}

func upstream(tenant string) *cluster.Cluster {
	host := &endpoint.LbEndpoint_Endpoint{Endpoint: &endpoint.Endpoint{Address: address(8080)}}
	return &cluster.Cluster{
		Name:                 tenant,
		ConnectTimeout:       durationpb.New(time.Second),
		ClusterDiscoveryType: &cluster.Cluster_Type{Type: cluster.Cluster_STATIC},
		LoadAssignment: &endpoint.ClusterLoadAssignment{
			ClusterName: tenant,
			Endpoints:   []*endpoint.LocalityLbEndpoints{{LbEndpoints: []*endpoint.LbEndpoint{{HostIdentifier: host}}}},
		},
	}
}

func (l Layout) scope(tenant string) *route.ScopedRouteConfiguration {
	key := &route.ScopedRouteConfiguration_Key_Fragment_StringKey{StringKey: tenant + ".bench.example"}
	return &route.ScopedRouteConfiguration{
		Name:                   tenant,
		OnDemand:               l.onDemand,
		RouteConfigurationName: tenant,
		Key:                    &route.ScopedRouteConfiguration_Key{Fragments: []*route.ScopedRouteConfiguration_Key_Fragment{{Type: key}}},
	}
}

func (l Layout) Listeners() map[string]types.Resource {
	filters := []*hcm.HttpFilter{filter("envoy.filters.http.router", &router.Router{})}
	if l.onDemand {
		filters = append([]*hcm.HttpFilter{filter("envoy.filters.http.on_demand", &ondemand.OnDemand{})}, filters...)
	}
	manager := &hcm.HttpConnectionManager{
		StatPrefix:     "http",
		RouteSpecifier: &hcm.HttpConnectionManager_ScopedRoutes{ScopedRoutes: scopes()},
		HttpFilters:    filters,
	}
	return map[string]types.Resource{"http": &listener.Listener{
		Name:    "http",
		Address: address(l.bind),
		FilterChains: []*listener.FilterChain{{Filters: []*listener.Filter{{
			Name:       "envoy.filters.network.http_connection_manager",
			ConfigType: &listener.Filter_TypedConfig{TypedConfig: pack(manager)},
		}}}},
	}}
}

// scopes are found by the request's host.
func scopes() *hcm.ScopedRoutes {
	extract := &hcm.ScopedRoutes_ScopeKeyBuilder_FragmentBuilder_HeaderValueExtractor{
		Name:             ":authority",
		ElementSeparator: ":",
		ExtractType:      &hcm.ScopedRoutes_ScopeKeyBuilder_FragmentBuilder_HeaderValueExtractor_Index{Index: 0},
	}
	fragment := &hcm.ScopedRoutes_ScopeKeyBuilder_FragmentBuilder{
		Type: &hcm.ScopedRoutes_ScopeKeyBuilder_FragmentBuilder_HeaderValueExtractor_{HeaderValueExtractor: extract},
	}
	return &hcm.ScopedRoutes{
		Name:            "scopes",
		ScopeKeyBuilder: &hcm.ScopedRoutes_ScopeKeyBuilder{Fragments: []*hcm.ScopedRoutes_ScopeKeyBuilder_FragmentBuilder{fragment}},
		RdsConfigSource: ads(),
		ConfigSpecifier: &hcm.ScopedRoutes_ScopedRds{ScopedRds: &hcm.ScopedRds{ScopedRdsConfigSource: ads()}},
	}
}

func ads() *core.ConfigSource {
	return &core.ConfigSource{
		ResourceApiVersion:    core.ApiVersion_V3,
		ConfigSourceSpecifier: &core.ConfigSource_Ads{Ads: &core.AggregatedConfigSource{}},
	}
}

func filter(name string, config proto.Message) *hcm.HttpFilter {
	return &hcm.HttpFilter{Name: name, ConfigType: &hcm.HttpFilter_TypedConfig{TypedConfig: pack(config)}}
}

func pack(message proto.Message) *anypb.Any {
	packed, err := anypb.New(message)
	must(err)
	return packed
}

func address(port uint32) *core.Address {
	return &core.Address{Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{
		Address: "127.0.0.1", PortSpecifier: &core.SocketAddress_PortValue{PortValue: port},
	}}}
}
