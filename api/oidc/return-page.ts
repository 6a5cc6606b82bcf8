import { escaped } from '../mail/render.ts';

/**
 * Makes the page that sends a browser on after a sign-in. A redirect would not do: the browser came from the provider,
 * so it would not send the session's cookie, which is `SameSite=Strict`, with the next request.
 *
 * @param path a path of this origin
 */
export function returnPage(path: string): { headers: Record<string, string>; html: string } {
  const url = escaped(path);
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      // The URL of this page contains the code of the provider.
      'referrer-policy': 'no-referrer',
    },
    html: `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Signed in</title><meta http-equiv="refresh" content="0;url=${url}"></head><body><a href="${url}">Continue</a></body></html>\n`,
  };
}
