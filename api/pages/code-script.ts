/**
 * Moves the code from the link in a mail into the form of the page, and out of the address. Without scripts, a person
 * copies the code from the mail. If the page is open already, the link changes only the fragment. The link of a person
 * who signed up to accept an invitation contains the code of the invitation too.
 */
export const codeScript = `function takeCode() {
  const given = new URLSearchParams(location.hash.slice(1));
  const code = given.get('code');
  const field = document.querySelector('[data-field=code]');
  if (!code || !field) return;
  field.querySelector('input').value = code;
  field.hidden = true;
  const invitation = document.querySelector('input[name=invitation]');
  if (invitation) invitation.value = given.get('invitation') || '';
  history.replaceState(null, '', location.pathname + location.search);
}
addEventListener('hashchange', takeCode);
takeCode();
`;
