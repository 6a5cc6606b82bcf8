import { OnDemand } from '../../../envoy/gen/envoy/extensions/filters/http/on_demand/v3/on_demand.ts';
import { filter } from '../../values/filter.ts';

/** The filter that pauses a request to a host that is not loaded until Envoy has the host's RouteConfiguration. */
export const onDemand = filter(
  'envoy.filters.http.on_demand',
  'envoy.extensions.filters.http.on_demand.v3.OnDemand',
  OnDemand,
  OnDemand.fromPartial({}),
);
