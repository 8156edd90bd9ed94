package io.inferc.benchmark.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The combinations of shapes of a trace, each once and by its number. A combination is, for each
 * input in the model's order, its rank and its sizes.
 */
final class CombinationTable {
  static final int TOO_MANY = -1;

  /** As many as 16 files of a recorder may have. */
  static final int MOST = 16 * TraceFile.MOST_COMBINATIONS;

  /**
   * All numbers of all combinations. These take 128 MiB, and a combination some 40 bytes beside:
   * 170 MiB at most, of which a file must spend a sixth.
   */
  private static final int MOST_NUMBERS = 1 << 24;

  private static final int FIRST_CAPACITY = 64;

  private final List<long[]> combinations = new ArrayList<>();
  private long numbers;

  /** One more than a combination's number, or 0, by its hash. */
  private int[] places = new int[FIRST_CAPACITY];

  /** Numbers a combination from 0 on, or says that there are too many. */
  int number(long[] combination) {
    int place = place(combination);
    if (places[place] != 0) {
      return places[place] - 1;
    }
    if (combinations.size() >= MOST || numbers + combination.length > MOST_NUMBERS) {
      return TOO_MANY;
    }
    numbers += combination.length;
    combinations.add(combination);
    places[place] = combinations.size();
    if (combinations.size() * 2 >= places.length) {
      grow();
    }
    return combinations.size() - 1;
  }

  /** Where a combination is, or belongs. */
  private int place(long[] combination) {
    int mask = places.length - 1;
    int place = hash(combination) & mask;
    while (places[place] != 0 && !Arrays.equals(combinations.get(places[place] - 1), combination)) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private void grow() {
    places = new int[places.length * 2];
    for (int i = 0; i < combinations.size(); i++) {
      places[place(combinations.get(i))] = i + 1;
    }
  }

  static int hash(long[] combination) {
    long hash = SizeHash.SEED;
    for (long number : combination) {
      hash = SizeHash.add(hash, number);
    }
    return Long.hashCode(hash);
  }

  int size() {
    return combinations.size();
  }

  /** A combination by its number, not to be changed. */
  long[] get(int number) {
    return combinations.get(number);
  }

  /** The shape of each input in a combination. */
  long[][] shapes(int number) {
    long[] combination = combinations.get(number);
    List<long[]> shapes = new ArrayList<>();
    int at = 0;
    while (at < combination.length) {
      int end = at + 1 + (int) combination[at];
      shapes.add(Arrays.copyOfRange(combination, at + 1, end));
      at = end;
    }
    return shapes.toArray(new long[0][]);
  }
}
