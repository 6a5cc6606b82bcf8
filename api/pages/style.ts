/** The style of all pages. */
export const style = `:root {
  color-scheme: light dark;
  --text: light-dark(#1c2330, #e6e9ef);
  --soft: light-dark(#5b6575, #9aa4b5);
  --back: light-dark(#f3f5f8, #12161d);
  --card: light-dark(#ffffff, #1b212b);
  --line: light-dark(#c9d0da, #3a4353);
  --main: light-dark(#1f5fbf, #7fb0ff);
  --on-main: light-dark(#ffffff, #0e1420);
  --bad: light-dark(#a4161a, #ff9a9a);
  --bad-back: light-dark(#fdecec, #3a1f23);
  --warn-back: light-dark(#fff6dc, #332b16);
}
* { box-sizing: border-box; }
body {
  margin: 0;
  padding: 2rem 1rem;
  background: var(--back);
  color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
header, main { max-width: 28rem; margin: 0 auto; }
header { margin-bottom: 1rem; font-weight: 600; }
header a { color: var(--soft); text-decoration: none; }
main {
  padding: 1.75rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 0.75rem;
  overflow-wrap: anywhere;
}
main > :last-child { margin-bottom: 0; }
h1 { margin: 0 0 1rem; font-size: 1.4rem; line-height: 1.25; }
h2 { margin: 1.75rem 0 0.75rem; font-size: 1.1rem; line-height: 1.25; }
a { color: var(--main); }
[hidden] { display: none; }
label { display: block; margin-bottom: 0.25rem; font-weight: 500; }
input {
  width: 100%;
  padding: 0.6rem 0.7rem;
  border: 1px solid var(--line);
  border-radius: 0.4rem;
  background: var(--back);
  color: inherit;
  font: inherit;
}
input[name='code'], input[name='user_code'], code { font-family: ui-monospace, monospace; }
input[aria-invalid] { border-color: var(--bad); }
:focus-visible { outline: 2px solid var(--main); outline-offset: 2px; }
form ~ form, form ~ div { margin-top: 0.75rem; }
.field { margin-bottom: 1rem; }
.note { color: var(--soft); font-size: 0.875rem; }
.field .note { margin: 0.25rem 0 0; }
.note span { display: block; }
.note .error { color: var(--bad); }
dd .note { display: block; }
.alert, .warning { padding: 0.7rem 0.9rem; border-radius: 0.4rem; }
.alert { margin-top: 0; background: var(--bad-back); color: var(--bad); }
.warning { background: var(--warn-back); }
button, .button {
  display: block;
  width: 100%;
  padding: 0.65rem 1rem;
  border: 1px solid var(--main);
  border-radius: 0.4rem;
  background: var(--main);
  color: var(--on-main);
  font: inherit;
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
.danger { border-color: var(--bad); background: var(--bad); }
.quiet, p > .button { background: transparent; color: var(--main); }
.choice { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; }
.rows { margin: 0 0 1.25rem; padding: 0; list-style: none; }
.rows li { display: flex; gap: 1rem; align-items: center; justify-content: space-between; padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
.rows .note { display: block; }
.rows li > .note, .rows li > form { flex: none; }
.rows button { width: auto; }
.links { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; margin: 1.25rem 0; font-size: 0.9375rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.6rem 1.25rem; margin: 0 0 1.25rem; }
dt { color: var(--soft); }
dd { margin: 0; }
`;
