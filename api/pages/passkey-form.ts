import { type Html, html } from '../html/html.ts';

/** Shows a part of a page only in browsers that have what passkeys need. The script shows it. */
export const withPasskeys = (
  part: Html,
): Html => html`<p class="note" data-without-passkeys>Passkeys need scripts, HTTPS and a browser that supports them.</p>
<div data-with-passkeys hidden>
${part}
</div>
<script src="/pages/passkeys.js" defer></script>`;

interface Use {
  /** The page that gets the answer of the authenticator, as JSON in the field `passkey`. */
  path: string;
  /** Whether the authenticator makes a passkey or signs with one. */
  kind: 'create' | 'get';
  /** The path of the operation that returns the options. It gets the proof that the form contains. */
  options: string;
}

/** A form whose button asks an authenticator. */
export const passkeyForm = (
  { path, kind, options }: Use,
  fields: Html,
): Html => html`<form method="post" action="${path}" data-passkey="${kind}" data-options="${options}">
<p class="alert" role="alert" hidden></p>
<input type="hidden" name="passkey">
${fields}
</form>`;
