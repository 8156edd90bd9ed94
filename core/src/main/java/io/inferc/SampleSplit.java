package io.inferc;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.Dataset;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Samples in three parts that have none in common, each spread over all of them.
 *
 * @param calibrating what ranges are taken from
 * @param choosing what candidates are judged by
 * @param proving what the choice is proved on
 */
record SampleSplit(Dataset calibrating, Dataset choosing, Dataset proving) {
  private static final int LEAST = 10;
  private static final int PARTS = 5;

  /**
   * Splits samples.
   *
   * @param samples all of them
   * @param own samples of the caller's to prove on
   * @throws InfercException if there are fewer than ten
   */
  static SampleSplit of(Dataset samples, Optional<Dataset> own) {
    long[] count = {0};
    samples.limit(LEAST).forEach((index, sample) -> ++count[0] < LEAST);
    if (count[0] < LEAST) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to find the best precision with "
              + count[0]
              + " samples; it takes "
              + LEAST
              + " to calibrate, to choose and to prove, each on samples of its own.",
          "Give 500 to 1,000 typical inputs.");
    }
    if (own.isPresent()) {
      requireSome(own.get());
      return new SampleSplit(
          new PickedDataset(samples, i -> !isDrawn(i, PARTS - 1, 0)),
          new PickedDataset(samples, i -> isDrawn(i, PARTS - 1, 0)),
          own.get());
    }
    return new SampleSplit(
        new PickedDataset(samples, i -> !isDrawn(i, PARTS, 0) && !isDrawn(i, PARTS, 1)),
        new PickedDataset(samples, i -> isDrawn(i, PARTS, 0)),
        new PickedDataset(samples, i -> isDrawn(i, PARTS, 1)));
  }

  /**
   * Whether a sample is drawn from those that it stands among: one of each so many that follow each
   * other, another place each time, since samples may come in turns of their kinds.
   *
   * @param which the first that is drawn, or another one
   */
  private static boolean isDrawn(long index, int among, int which) {
    long drawn = new SplittableRandom(index / among).nextLong() >>> 1;
    long first = drawn % among;
    long second = (first + 1 + drawn / among % (among - 1)) % among;
    return index % among == (which == 0 ? first : second);
  }

  private static void requireSome(Dataset own) {
    long[] count = {0};
    own.limit(1).forEach((index, sample) -> ++count[0] < 1);
    if (count[0] == 0) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to prove the best precision on samples of the caller's, but there are none.",
          "Give at least one to provedOn, or leave it out.");
    }
  }
}
