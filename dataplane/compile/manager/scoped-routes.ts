import { SCOPE_HEADER } from '../values/names.ts';
import { ads } from '../values/source.ts';

/** How a connection manager finds the routes of a request: by the scope key in {@link SCOPE_HEADER}. */
export const scopedRoutes = {
  $case: 'scopedRoutes' as const,
  value: {
    // All listeners use the same name, so they share one set of scopes.
    name: 'scopes',
    scopeKeyBuilder: {
      fragments: [
        {
          type: {
            $case: 'headerValueExtractor' as const,
            // The part before a colon is the key. The port of an authority does not belong to the key, and stays in the
            // Host that the upstream sees.
            value: { name: SCOPE_HEADER, elementSeparator: ':', extractType: { $case: 'index' as const, value: 0 } },
          },
        },
      ],
    },
    rdsConfigSource: ads,
    configSpecifier: { $case: 'scopedRds' as const, value: { scopedRdsConfigSource: ads } },
  },
};
