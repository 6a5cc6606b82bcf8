/**
 * The passwords with eight or more characters that attackers try first. The operator can add a longer list with
 * `GATEHOUSE_BREACHED_PASSWORDS`.
 */
const WORDS = `
  password password1 password12 password123 password1234 password! passw0rd p@ssw0rd p@ssword pa$$word passwort
  password01 mypassword newpassword changeme changeme1 changeme123 letmein1 letmein123 letmeinnow welcome1 welcome123
  welcome2024 welcome2025 welcome2026 admin123 admin1234 administrator adminadmin root1234 rootroot test1234 testtest
  testing123 default1 guest123 user1234 qwerty12 qwerty123 qwerty1234 qwertyui qwertyuiop qwerty12345 qazwsxedc
  1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc zaq12wsx q1w2e3r4 asdfghjk asdfghjkl asdf1234 zxcvbnm1 zxcvbnm123
  12345678 123456789 1234567890 12345678910 0123456789 87654321 987654321 9876543210 11223344 12341234 123123123
  123321123 147258369 789456123 abcd1234 abc12345 abcdefgh abcdefghi a1b2c3d4 aa123456 a1234567 iloveyou iloveyou1
  iloveyou2 sunshine sunshine1 princess princess1 football football1 baseball baseball1 basketball superman superman1
  batman123 dragon123 monkey123 shadow123 master123 michael1 jennifer jessica1 charlie1 trustno1 whatever starwars
  computer internet samsung1 google123 facebook linkedin corvette mustang1 mercedes porsche1 liverpool liverpool1
  chelsea1 arsenal1 barcelona summer2024 summer2025 summer2026 winter2024 winter2025 winter2026 spring2025 spring2026
  autumn2025 autumn2026 january1 december1 monday123 friday123 secret123 topsecret security login123 access14 hello123
  helloworld goodluck blink182 pokemon1 pokemon123 naruto123 minecraft killer123 freedom1 gatehouse gatehouse1
  gatehouse123 correcthorsebatterystaple
`;

export const COMMON: ReadonlySet<string> = new Set(WORDS.split(/\s+/).filter((word) => word !== ''));
