import type { Definition } from '../command.ts';
import { AUDIT_HELP, AUDIT_OPTIONS, whole } from '../options.ts';
import type { AuditFilters } from '../remote/audit.ts';

export const auditExport: Definition<AuditFilters & { after?: number }> = {
  path: 'audit export',
  description: 'Print the audit log as JSON, one entry per line, the oldest first',
  define: (command) => {
    command.argument('[tenant]', 'tenant whose log to read; default the log of everything, for operators');
    for (const [flags, description] of AUDIT_OPTIONS) command.option(flags, description);
    command
      .option('--after <number>', 'only entries with higher numbers; continues an export of one chain', whole)
      .addHelpText('after', AUDIT_HELP);
  },
  write: async (remote, { args: [tenant], options }) => {
    const { exportAudit } = await import('../remote/audit.ts');
    for await (const chunk of await exportAudit(remote, tenant, options))
      if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  },
};
