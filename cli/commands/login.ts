import type { Definition } from '../command.ts';
import { URL_OPTION } from '../options.ts';

interface Options {
  url?: string;
  name?: string;
}

export const login: Definition<Options> = {
  path: 'login',
  description: 'Sign in to an API: approve in a browser, and other commands use the session',
  define: (command) => {
    command
      .option(...URL_OPTION)
      .option('--name <name>', 'name of this machine in the list of your sessions; default the host name')
      .addHelpText(
        'after',
        `
Prints an address and a code to stderr, and waits until you approve there; the browser may run on another machine. The
session is stored in gatehouse/sessions in the config folder, in a file that only you may read, and replaces the former
one. GATEHOUSE_TOKEN and a profile that is named override it. It is one of your sessions: end it with \`gatehouse logout\`
or on any machine.`,
      );
  },
  answer: async ({ options }) => {
    const { hostname } = await import('node:os');
    const { accepted, connectTo } = await import('../remote/client.ts');
    const { signIn } = await import('../remote/device-sign-in.ts');
    const { readUrl } = await import('../remote/profile.ts');
    const { Sessions } = await import('../remote/sessions.ts');
    const { print } = await import('../terminal/print.ts');
    const url = readUrl(options);
    const sessions = new Sessions();
    const former = sessions.find(url);
    const { token, expiresAt } = await signIn(url, options.name ?? hostname(), ({ page, code, minutes }) =>
      print(
        `Open this page, check that it shows the code ${code}, and approve:\n  ${page}\nThe code is valid for ${minutes} minutes. Waiting…`,
        process.stderr,
      ),
    );
    const { email = '' } = accepted('Reading who is signed in', await connectTo({ url, token }).GET('/v1/me'));
    const signedInAt = new Date().toISOString();
    const session = { url, email, signedInAt, expiresAt: expiresAt.toISOString() };
    sessions.keep({ ...session, token });
    // The former session may have ended already.
    if (former)
      await connectTo({ url, token: former.token })
        .POST('/v1/auth/sign-out')
        .catch(() => {});
    return { text: `Signed in to ${url} as ${email} until ${session.expiresAt.slice(0, 10)}.`, json: session };
  },
};
