/**
 * Lets the forms with `data-passkey` ask an authenticator. The script gets the options from the API at `data-options`,
 * and sends the answer of the authenticator as a form, so the page is as after any other form. Without this script, or
 * in a browser without all that it needs, pages do not show these forms.
 */
export const passkeysScript = `const REASONS = {
  InvalidStateError: 'This device already has a passkey for your account.',
  NotAllowedError: 'The device did not confirm who you are, or it took too long.',
  SecurityError: 'Passkeys cannot be used at this address of the page.',
};
const methods = {
  create: (options) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  get: (options) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
};

async function optionsFor(path, proof) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(proof.map(({ name, value }) => [name, value]))),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(body.violations?.[0].message ?? body.detail ?? body.title);
  return body;
}

function watch(form) {
  const proof = [...form.querySelectorAll('[data-field=password] input, [data-field=code] input')];
  const button = form.querySelector('button');
  const problem = form.querySelector('[role=alert]');
  let options;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    try {
      // A code counts once, so a second try uses the same options.
      options ??= await optionsFor(form.dataset.options, proof);
      form.elements.passkey.value = JSON.stringify(await methods[form.dataset.passkey](options));
      for (const input of proof) input.disabled = true;
      form.submit();
    } catch ({ name, message }) {
      const reason = REASONS[name] ?? message;
      problem.textContent = reason.charAt(0).toUpperCase() + reason.slice(1).replace(/[^.]$/, '$&.');
      problem.hidden = false;
      button.disabled = false;
    }
  });
}

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  for (const form of document.querySelectorAll('[data-passkey]')) watch(form);
  for (const part of document.querySelectorAll('[data-with-passkeys]')) part.hidden = false;
  for (const part of document.querySelectorAll('[data-without-passkeys]')) part.hidden = true;
}
`;
