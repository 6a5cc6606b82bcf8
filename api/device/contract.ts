import { FORM } from '../http/form.ts';
import { oauthErrors } from '../http/oauth-errors.ts';
import { contract } from '../http/route.ts';
import {
  DeviceAuthorization,
  DeviceDecision,
  DeviceLookUp,
  DeviceRequest,
  DeviceToken,
  DeviceTokenRequest,
  PendingDevice,
} from './schema.ts';

const tag = { name: 'People', description: 'Sign-up, sign-in and the sessions of people.' };
const oauth = { access: 'public', tag, method: 'post', errors: oauthErrors, problems: ['unavailable'] } as const;
const personal = { access: 'person:self', tag, method: 'post', problems: ['invalid-code'] } as const;

export const authorizeDevice = contract({
  ...oauth,
  path: '/v1/auth/device',
  operationId: 'authorizeDevice',
  summary: 'Begin to sign in on a command line',
  description: 'The device authorization request of RFC 8628. `gatehouse login` sends it.',
  body: { schema: DeviceRequest, types: [FORM] },
  answers: { 200: { description: 'The codes for the command and for the person.', body: DeviceAuthorization } },
});

export const issueDeviceToken = contract({
  ...oauth,
  path: '/v1/auth/device/token',
  operationId: 'issueDeviceToken',
  summary: 'Ask whether a person has approved the sign-in',
  description: 'The access token request of RFC 8628. The command repeats it until a person has decided.',
  body: { schema: DeviceTokenRequest, types: [FORM] },
  answers: { 200: { description: 'A person has approved. The code cannot be used again.', body: DeviceToken } },
});

export const lookUpDevice = contract({
  ...personal,
  path: '/v1/auth/device/lookup',
  operationId: 'lookUpDevice',
  summary: 'Find the command that shows a code',
  description: 'Show the result to the person before the decision. Wrong codes delay further attempts.',
  body: { schema: DeviceLookUp },
  answers: { 200: { description: 'The command that wants to sign in.', body: PendingDevice } },
});

export const decideDevice = contract({
  ...personal,
  path: '/v1/auth/device/decision',
  operationId: 'decideDevice',
  summary: 'Approve or deny the sign-in on a command line',
  description:
    'An approved command gets a session of the person who sends this request. It gets this session only while the one ' +
    'that sends this request exists, and both expire at the same time at the latest.',
  body: { schema: DeviceDecision },
  answers: { 204: { description: 'The decision was stored.' } },
});
