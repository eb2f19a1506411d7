import { matrix } from "./matrix.ts";

matrix("fork");
