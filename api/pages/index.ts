import { accountPage } from './account.ts';
import { confirmEmailPage } from './confirm-email.ts';
import { devicePage } from './device.ts';
import { forgotPasswordPage } from './forgot-password.ts';
import { invitationPage } from './invitation.ts';
import type { Page } from './page.ts';
import { resetPasswordPage } from './reset-password.ts';
import { signInPage } from './sign-in.ts';
import { signUpPage } from './sign-up.ts';
import { verifyPage } from './verify.ts';

/** All web pages for people. */
export const pages: readonly Page[] = [
  signInPage,
  accountPage,
  signUpPage,
  verifyPage,
  forgotPasswordPage,
  resetPasswordPage,
  confirmEmailPage,
  invitationPage,
  devicePage,
];
