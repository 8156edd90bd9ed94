package io.inferc.examples;

import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * Requests to all-MiniLM-L6-v2 that no calibration on sentences has seen: tokens drawn at random,
 * always the same, between the two that begin and end a text.
 */
final class TokenSets {
  private static final int BEGIN = 101;
  private static final int END = 102;
  private static final int FIRST_WORD = 999;
  private static final int WORDS = 29_000;

  // An unknown word, punctuation, both ends, a mask, and padding that is read as text.
  private static final int[] SPECIAL = {100, 1012, 1010, 1029, BEGIN, END, 103, 0};

  private TokenSets() {}

  /** The sets by name, 480 requests of one text each. */
  static Map<String, Dataset> all() {
    Map<String, Dataset> sets = new LinkedHashMap<>();
    sets.put("2 to 62 words", Dataset.generated(200, TokenSets::words));
    sets.put("1 to 4 words", Dataset.generated(120, i -> drawn(new Random(i), 3 + (int) (i % 4))));
    sets.put("254 words", Dataset.generated(40, i -> drawn(new Random(i), 256)));
    sets.put("one word repeated", Dataset.generated(60, TokenSets::repeated));
    sets.put("special tokens", Dataset.generated(60, TokenSets::special));
    return sets;
  }

  private static Map<String, Tensor> words(long i) {
    Random random = new Random(7000 + i);
    int[] ids = new int[4 + random.nextInt(61)];
    Arrays.setAll(ids, t -> 1000 + random.nextInt(19_000));
    return text(ids);
  }

  private static Map<String, Tensor> drawn(Random random, int tokens) {
    int[] ids = new int[tokens];
    Arrays.setAll(ids, t -> FIRST_WORD + random.nextInt(WORDS));
    return text(ids);
  }

  private static Map<String, Tensor> repeated(long i) {
    Random random = new Random(i);
    int[] ids = new int[3 + random.nextInt(40)];
    Arrays.fill(ids, FIRST_WORD + random.nextInt(WORDS));
    return text(ids);
  }

  private static Map<String, Tensor> special(long i) {
    Random random = new Random(i);
    int[] ids = new int[3 + random.nextInt(40)];
    Arrays.setAll(
        ids,
        t -> {
          // One of them is an ordinary word.
          int drawn = random.nextInt(SPECIAL.length + 1);
          return drawn == 4 ? 1000 + (int) i : SPECIAL[drawn < 4 ? drawn : drawn - 1];
        });
    return text(ids);
  }

  private static Map<String, Tensor> text(int... words) {
    long[] ids = Arrays.stream(words).asLongStream().toArray();
    ids[0] = BEGIN;
    ids[ids.length - 1] = END;
    return request(1, ids);
  }

  /** A request of texts of one length. */
  static Map<String, Tensor> request(int texts, long... ids) {
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    long[] shape = {texts, ids.length / texts};
    return Map.of(
        "input_ids", Tensor.of(ids, shape),
        "attention_mask", Tensor.of(ones, shape),
        "token_type_ids", Tensor.of(new long[ids.length], shape));
  }
}
