import { type Html, html } from './html.ts';

/**
 * The headers of every page. Pages load only files of this server, run no script in the page, and send forms only to this
 * server. The policy for referrers is not `no-referrer`, because browsers would then send `Origin: null` with a form, and
 * the API could not check where the form comes from. With this policy, no path is sent to anybody.
 */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'strict-origin',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** Writes a whole page. */
export function documentOf(title: string, content: Html): string {
  return String(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Gatehouse</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/pages/style.css">
</head>
<body>
<header><a href="/account">Gatehouse</a></header>
<main>
<h1>${title}</h1>
${content}
</main>
<script src="/pages/code.js" defer></script>
</body>
</html>
`,
  );
}
