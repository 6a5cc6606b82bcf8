import type { Definition } from '../command.ts';
import { URL_OPTION } from '../options.ts';

export const logout: Definition<{ url?: string }> = {
  path: 'logout',
  description: 'End the session of `gatehouse login`, and delete it here',
  define: (command) => {
    command
      .option(...URL_OPTION)
      .addHelpText(
        'after',
        '\nThe session is deleted here also when the API cannot be reached; the exit code is then 1.',
      );
  },
  answer: async ({ options }) => {
    const { Failure } = await import('../process/failure.ts');
    const { accepted, connectTo } = await import('../remote/client.ts');
    const { findUrl } = await import('../remote/profile.ts');
    const { Sessions } = await import('../remote/sessions.ts');
    const url = findUrl(options);
    if (url === undefined) throw new Failure('You are not signed in.');
    const sessions = new Sessions();
    const session = sessions.find(url);
    if (!session) throw new Failure(`You are not signed in to ${url}.`);
    sessions.remove(url);
    const reply = await connectTo(session).POST('/v1/auth/sign-out');
    // A session that is unknown to the API has ended before.
    if (reply.response.status !== 401) accepted('The session was deleted here. Ending it', reply);
    return { text: `Signed out of ${url}.`, json: { url } };
  },
};
