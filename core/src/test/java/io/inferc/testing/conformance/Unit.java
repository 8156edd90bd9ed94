package io.inferc.testing.conformance;

/**
 * One thing to try: a case in one variant and mode.
 *
 * @param name the case's name
 * @param variant how its model says its inputs
 * @param mode what is done to it
 */
record Unit(String name, Variant variant, Mode mode) {
  String asLine() {
    return name + "\t" + variant + "\t" + mode;
  }

  static Unit parse(String line) {
    String[] words = line.split("\t", -1);
    return new Unit(words[0], Variant.valueOf(words[1]), Mode.valueOf(words[2]));
  }
}
