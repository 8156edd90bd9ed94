package io.inferc.search;

import io.inferc.runtime.CompiledModel;
import java.util.Map;

/** Measures several models in turns. */
@FunctionalInterface
interface Racer {
  /**
   * Runs so many rounds of all models.
   *
   * @param models by what they are called
   * @param pace how long a turn lasts
   * @param rounds how many turns each has, 2 or more
   * @return what each turn came to, by what the model is called
   */
  RaceResult run(Map<String, CompiledModel> models, Pace pace, int rounds);
}
