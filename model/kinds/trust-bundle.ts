import { z } from 'zod';
import { Labels } from '../values/labels.ts';
import { describeLabel, encodePem, LARGEST_CERTIFICATE, pemBlocks } from '../values/pem.ts';
import { define } from './definition.ts';
import { EXAMPLE_TRUST_BUNDLE } from './example-certificates.ts';

/** The number of blocks, and the bytes of each. */
const MOST = {
  certificates: { blocks: 200, bytes: LARGEST_CERTIFICATE },
  lists: { blocks: 50, bytes: 1_048_576 },
};

type Most = (typeof MOST)[keyof typeof MOST];

/**
 * PEM blocks of one label in any common form, stored in one form.
 *
 * @param label the label under which the blocks are stored
 * @param noun one block, with its article
 */
const blocks = (label: string, isKnown: RegExp, noun: string, most: Most) =>
  z
    .string()
    .max(1_048_576, { abort: true })
    .superRefine((text, context) => {
      const message = wrong(text, isKnown, noun, most);
      if (message !== undefined)
        context.addIssue({ code: 'custom', message, params: { code: 'invalid-format' }, continue: false });
    })
    .overwrite((text) => [...new Set(pemBlocks(text).map(({ der }) => encodePem(label, der)))].join(''));

function wrong(text: string, isKnown: RegExp, noun: string, most: Most): string | undefined {
  const found = pemBlocks(text);
  if (found.length === 0) return `contains no PEM block; must contain ${noun}`;
  if (found.length > most.blocks) return `must have at most ${most.blocks} blocks, not ${found.length}`;
  for (const [index, block] of found.entries()) {
    if (!isKnown.test(block.label)) return `contains ${describeLabel(block.label)}; each block must be ${noun}`;
    if (block.der.length === 0) return `block ${index + 1} is not base64`;
    if (block.der.length > most.bytes) return `block ${index + 1} must have at most ${most.bytes} bytes`;
  }
  return undefined;
}

const TrustBundle = z
  .strictObject({
    labels: Labels.optional(),
    certificates: blocks('CERTIFICATE', /^(X509 |TRUSTED )?CERTIFICATE$/, 'a certificate', MOST.certificates).describe(
      'PEM in any common form: the certificates of the CAs, roots and intermediates in any order. Each must be the certificate of a CA (`CA:TRUE`). Stored and returned in one form.',
    ),
    crl: blocks('X509 CRL', /^(X509 )?CRL$/, 'a revocation list', MOST.lists)
      .optional()
      .describe(
        'PEM in any common form: revocation lists of these CAs. A certificate on a list is rejected. Only the certificate of the other side is looked up, not those of the CAs above it (`only_verify_leaf_cert_crl` of Envoy). With any list, each CA that issues clients’ certificates needs one: otherwise it is unknown whether they are revoked, and they are rejected.',
      ),
  })
  .meta({
    id: 'TrustBundle',
    description: 'CA certificates, with their revocation lists, that verify the other side of TLS.',
    example: EXAMPLE_TRUST_BUNDLE,
  });

export const trustBundle = define({
  id: 'trustBundle',
  plural: 'trustBundles',
  title: 'TrustBundle',
  summary: 'CA certificates and revocation lists, by which TLS verifies the other side.',
  schema: TrustBundle,
  input: TrustBundle,
  refersTo: {},
  delivery: 'referenced',
  secrets: {},
});
