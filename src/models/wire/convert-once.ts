import { deepFreeze } from "../../json.ts";

/** The conversion, made and frozen once for each object, however many requests it goes out with. */
export function convertOnce<Given extends object, Converted>(
  convert: (given: Given) => Converted,
): (given: Given) => Converted {
  const converted = new WeakMap<Given, { readonly value: Converted }>();
  return (given) => {
    let made = converted.get(given);
    if (made === undefined) {
      made = { value: deepFreeze(convert(given)) };
      converted.set(given, made);
    }
    return made.value;
  };
}
