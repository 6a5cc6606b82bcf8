import type { Context } from '../context.ts';
import { type Operation, operation } from '../http/route.ts';
import { personOf } from '../people/person-of.ts';
import { viewOf } from '../view.ts';
import { authorize } from './authorize.ts';
import { authorizeDevice, decideDevice, issueDeviceToken, lookUpDevice } from './contract.ts';
import { decide, lookUp } from './decide.ts';
import { issue } from './issue.ts';
import { PendingDevice } from './schema.ts';

const view = viewOf(PendingDevice);
const seconds = (ms: number): number => Math.floor(ms / 1000);
const idOf = (ctx: Context): string => personOf(ctx).id;

/** The operations that sign people in on a command line (RFC 8628). */
export const deviceRoutes = (): Operation[] => [
  operation(authorizeDevice, async (ctx, { body }) => {
    const begun = await authorize(ctx, { client: body.client_id, scope: body.scope, name: body.device_name });
    return {
      status: 200,
      body: {
        device_code: begun.deviceCode,
        user_code: begun.userCode,
        verification_uri: begun.page,
        verification_uri_complete: `${begun.page}?user_code=${begun.userCode}`,
        expires_in: seconds(begun.expiresInMs),
        interval: seconds(begun.pollEveryMs),
      },
    };
  }),
  operation(issueDeviceToken, async (ctx, { body }, { headers }) => {
    const given = { client: body.client_id, grant: body.grant_type, deviceCode: body.device_code };
    const { secret, session } = await issue(ctx, given, headers);
    const lasts = seconds(session.expiresAt - session.createdAt);
    return { status: 200, body: { access_token: secret, token_type: 'Bearer' as const, expires_in: lasts } };
  }),
  operation(lookUpDevice, async (ctx, { body }) => ({
    status: 200,
    body: view(await lookUp(ctx, idOf(ctx), body.userCode)),
  })),
  operation(decideDevice, async (ctx, { body }) => {
    await decide(ctx, personOf(ctx), body);
    return { status: 204 };
  }),
];
