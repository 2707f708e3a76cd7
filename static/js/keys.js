/* The letter that a key stands for in a shortcut: the one it types, as on Dvorak and AZERTY, else,
   where letters are Greek, Cyrillic or others, the one in its place on a US keyboard. */
export function letterOf({ key, code, shiftKey }) {
  const isOther = /\P{ASCII}/u.test(key) && !/\p{Script=Latin}/u.test(key);
  if (!isOther || !/^Key[A-Z]$/.test(code)) return key;
  return shiftKey ? code.at(-1) : code.at(-1).toLowerCase();
}
