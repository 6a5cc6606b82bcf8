import { SCOPE_HEADER } from '../values/names.ts';
import { ads } from '../values/source.ts';

/** The settings with which a connection manager finds routes: by the scope key in {@link SCOPE_HEADER}. */
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
            // The key is the part before a colon, because the port of an authority does not belong to the key. The Host
            // header that the upstream receives keeps the port.
            value: { name: SCOPE_HEADER, elementSeparator: ':', extractType: { $case: 'index' as const, value: 0 } },
          },
        },
      ],
    },
    rdsConfigSource: ads,
    configSpecifier: { $case: 'scopedRds' as const, value: { scopedRdsConfigSource: ads } },
  },
};
