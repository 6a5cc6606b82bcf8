/**
 * Moves the code from the link in a mail into the form of the page, and out of the address. Without scripts, a person
 * copies the code from the mail.
 */
export const codeScript = `const code = new URLSearchParams(location.hash.slice(1)).get('code');
const field = document.querySelector('[data-field=code]');
if (code && field) {
  field.querySelector('input').value = code;
  field.hidden = true;
  history.replaceState(null, '', location.pathname + location.search);
}
`;
