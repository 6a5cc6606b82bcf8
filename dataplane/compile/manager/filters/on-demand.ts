import { OnDemand } from '../../../envoy/gen/envoy/extensions/filters/http/on_demand/v3/on_demand.ts';
import { filter } from '../../values/filter.ts';

/** Holds a request to a host that is not loaded until its RouteConfiguration is there. */
export const onDemand = filter(
  'envoy.filters.http.on_demand',
  'envoy.extensions.filters.http.on_demand.v3.OnDemand',
  OnDemand,
  OnDemand.fromPartial({}),
);
