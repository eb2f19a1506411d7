import { deepFreeze, wellFormed } from "../../json.ts";

/**
 * The conversion, made and frozen once for each object, however many requests it goes out with. Its texts are well
 * formed, whoever said them: no vendor takes half of a surrogate pair, and the conversation could never go on.
 */
export function convertOnce<Given extends object, Converted>(
  convert: (given: Given) => Converted,
): (given: Given) => Converted {
  const converted = new WeakMap<Given, { readonly value: Converted }>();
  return (given) => {
    let made = converted.get(given);
    if (made === undefined) {
      made = { value: deepFreeze(wellFormed(convert(given))) };
      converted.set(given, made);
    }
    return made.value;
  };
}
