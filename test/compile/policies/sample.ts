/** Kinds of policies that only tests have, in the places where a real one is listed. */
import { z } from 'zod';
import type { PolicyCompiler } from '../../../dataplane/compile/policies/policy.ts';
import { filter } from '../../../dataplane/compile/values/filter.ts';
import { pack } from '../../../dataplane/envoy/any.ts';
import { BasicAuth } from '../../../dataplane/envoy/gen/envoy/extensions/filters/http/basic_auth/v3/basic_auth.ts';
import { Lua, LuaPerRoute } from '../../../dataplane/envoy/gen/envoy/extensions/filters/http/lua/v3/lua.ts';
import { definePolicy } from '../../../model/policies/policy.ts';

/** Users as htpasswd writes them. */
const password = definePolicy({
  kind: 'password',
  schema: z.strictObject({ users: z.string(), asks: z.string().optional() }),
  overOtherTenant: 'cannot',
});
/** Sets a response header. */
const greeting = definePolicy({
  kind: 'greeting',
  schema: z.strictObject({ text: z.string() }),
  overOtherTenant: 'replaces',
});
/** As a filter of the connection manager. */
const signature = definePolicy({
  kind: 'signature',
  schema: z.strictObject({ text: z.string() }),
  overOtherTenant: 'replaces',
});

export const definitions = [password, greeting, signature] as const;

const lua = (name: string, text: string) =>
  `function envoy_on_response(handle) handle:headers():add('${name}', '${text}') end`;
const inline = (inlineString: string) => ({ specifier: { $case: 'inlineString' as const, value: inlineString } });
const LUA = 'envoy.extensions.filters.http.lua.v3.Lua';

const passwords: PolicyCompiler<'password', z.infer<typeof password.schema>> = {
  kind: 'password',
  filter: ({ users }) =>
    pack(
      'envoy.extensions.filters.http.basic_auth.v3.BasicAuth',
      BasicAuth,
      BasicAuth.fromPartial({ users: inline(users) }),
    ),
  clusters: ({ asks }, { tenant }) => (asks === undefined ? [] : [`${tenant}/${asks}`]),
  secrets: (_, { tenant }) => [`policy/${tenant}/users`],
};

const greetings: PolicyCompiler<'greeting', z.infer<typeof greeting.schema>> = {
  kind: 'greeting',
  filter: ({ text }, { route }) =>
    pack(LUA, Lua, Lua.fromPartial({ defaultSourceCode: inline(lua('x-greeting', `${text} from ${route}`)) })),
};

const signatures: PolicyCompiler<'signature', z.infer<typeof signature.schema>> = {
  kind: 'signature',
  managerFilter: filter('signature', LUA, Lua, Lua.fromPartial({})),
  filter: ({ text }) =>
    pack(
      'envoy.extensions.filters.http.lua.v3.LuaPerRoute',
      LuaPerRoute,
      LuaPerRoute.fromPartial({ override: { $case: 'sourceCode', value: inline(lua('x-signature', text)) } }),
    ),
};

/** A password is asked for before anything else is done. */
export const chain = [passwords, greetings, signatures] as const;
