/**
 * Moves the code from the link in a mail into the form of the page, and out of the address. Without scripts, a person
 * copies the code from the mail. If the page is open already, the link changes only the fragment.
 */
export const codeScript = `function takeCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  const field = document.querySelector('[data-field=code]');
  if (!code || !field) return;
  field.querySelector('input').value = code;
  field.hidden = true;
  history.replaceState(null, '', location.pathname + location.search);
}
addEventListener('hashchange', takeCode);
takeCode();
`;
