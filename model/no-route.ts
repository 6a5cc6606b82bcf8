/** The body of the response 404 to a request for a host that no route serves. It says nothing about who has the host. */
export const NO_ROUTE = 'No route serves this host.';

/** The same as a page. Clients get it whose header Accept contains {@link HTML}. */
export const NO_ROUTE_PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Not found</title>
<body><h1>Not found</h1><p>${NO_ROUTE}</p></body></html>
`;

export const HTML = 'text/html';

/**
 * Returns the body of the response 404 to a request for a host that no route serves. The target of `OPTIONS *` is no
 * path, and gets none.
 *
 * @param headers the values of each header, by name in lower case
 */
export function noRouteBody({ path, headers }: { path: string; headers: Partial<Record<string, string[]>> }): string {
  if (!path.startsWith('/')) return '';
  return headers.accept?.join().includes(HTML) ? NO_ROUTE_PAGE : NO_ROUTE;
}
