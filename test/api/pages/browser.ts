import type { Harness } from '../harness.ts';

/** The URL at which people see the pages, behind a proxy for TLS. */
export const PAGES = 'https://gatehouse.example.com';

/** Sends forms and keeps the cookie, as a browser without scripts does. @param origin of the pages */
export function browser(api: Harness, origin = PAGES) {
  let cookie = '';
  const keep = (headers: Headers) => {
    // The first cookie is the one of the session.
    const [set] = headers.getSetCookie();
    if (set !== undefined) cookie = set.split(';')[0]!;
  };
  const sent = (headers: Record<string, string> = {}) => ({ ...(cookie && { cookie }), ...headers });
  return {
    get cookie() {
      return cookie;
    },
    open: (path: string, headers?: Record<string, string>) => api.get(path, { token: null, headers: sent(headers) }),
    /** Sends the form of a page. */
    async send(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
      const answer = await api.call('POST', path, undefined, {
        token: null,
        raw: new URLSearchParams(fields).toString(),
        headers: sent({ 'content-type': 'application/x-www-form-urlencoded', origin, ...headers }),
        redirect: 'manual',
      });
      keep(answer.headers);
      return { ...answer, location: answer.headers.get('location') };
    },
  };
}
