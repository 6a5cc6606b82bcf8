import { accountPage } from './account.ts';
import { changeEmailPage } from './change-email.ts';
import { changePasswordPage } from './change-password.ts';
import { confirmEmailPage } from './confirm-email.ts';
import { createTenantPage } from './create-tenant.ts';
import { deleteAccountPage } from './delete-account.ts';
import { devicePage } from './device.ts';
import { forgotPasswordPage } from './forgot-password.ts';
import { invitationPage } from './invitation.ts';
import type { Page } from './page.ts';
import { passkeysPage } from './passkeys.ts';
import { resetPasswordPage } from './reset-password.ts';
import { sessionsPage } from './sessions.ts';
import { signInPage } from './sign-in.ts';
import { signUpPage } from './sign-up.ts';
import { verifyPage } from './verify.ts';

/** All web pages for people. */
export const pages: readonly Page[] = [
  signInPage,
  accountPage,
  sessionsPage,
  passkeysPage,
  createTenantPage,
  changePasswordPage,
  changeEmailPage,
  deleteAccountPage,
  signUpPage,
  verifyPage,
  forgotPasswordPage,
  resetPasswordPage,
  confirmEmailPage,
  invitationPage,
  devicePage,
];
