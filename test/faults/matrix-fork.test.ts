import { howMany } from "../support/sample.ts";
import { matrix } from "./matrix.ts";

matrix("fork", howMany(4, 1));
