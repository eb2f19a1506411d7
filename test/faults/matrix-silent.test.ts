import { howMany } from "../support/sample.ts";
import { matrix } from "./matrix.ts";

matrix("silent", howMany(4, 1));
