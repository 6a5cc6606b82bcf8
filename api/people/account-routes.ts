import { type Operation, operation } from '../http/route.ts';
import {
  changeEmailContract,
  changePasswordContract,
  confirmEmailContract,
  deleteAccountContract,
  forgotPasswordContract,
  proofCodeContract,
  resetPasswordContract,
} from './account-contract.ts';
import { changeEmail, confirmEmail } from './change-email.ts';
import { deleteAccount } from './delete-account.ts';
import { changePassword, forgotPassword, resetPassword } from './password.ts';
import { NO_COOKIE } from './people.ts';
import { personOf } from './person-of.ts';
import { sendProofCode } from './proof.ts';

/** The operations by which people change how they sign in. */
export const accountRoutes = (): Operation[] => [
  operation(forgotPasswordContract, async (ctx, { body }) => {
    await forgotPassword(ctx, body);
    return { status: 202, body: { sentTo: body.email } };
  }),
  operation(resetPasswordContract, async (ctx, { body }) => {
    await resetPassword(ctx, body);
    return { status: 204 };
  }),
  operation(changePasswordContract, async (ctx, { body: { password, current, ...other } }) => {
    await changePassword(ctx, personOf(ctx), password, { password: current, ...other });
    return { status: 204 };
  }),
  operation(changeEmailContract, async (ctx, { body: { email, ...proof } }) => {
    await changeEmail(ctx, personOf(ctx), email, proof);
    return { status: 202, body: { sentTo: email } };
  }),
  operation(confirmEmailContract, async (ctx, { body }) => {
    await confirmEmail(ctx, personOf(ctx), body);
    return { status: 204 };
  }),
  operation(deleteAccountContract, async (ctx, { body }) => {
    await deleteAccount(ctx, personOf(ctx), body);
    return { status: 204, headers: NO_COOKIE };
  }),
  operation(proofCodeContract, async (ctx) => ({
    status: 202,
    body: { sentTo: await sendProofCode(ctx, personOf(ctx).id) },
  })),
];
