/**
 * An option, an argument or a setting that the user chose is wrong, such as a store URL of an unknown form. A program
 * that ends with this error exits with 2. The message says what would be right and never contains a secret.
 */
export class WrongSetting extends Error {
  override name = 'WrongSetting';
}
