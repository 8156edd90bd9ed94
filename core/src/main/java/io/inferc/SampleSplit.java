package io.inferc;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.Dataset;
import java.util.Optional;

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
  private static final int CHOOSING = 3;
  private static final int PROVING = 4;

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
      return new SampleSplit(
          new PickedDataset(samples, i -> i % (PARTS - 1) != CHOOSING),
          new PickedDataset(samples, i -> i % (PARTS - 1) == CHOOSING),
          own.get());
    }
    return new SampleSplit(
        new PickedDataset(samples, i -> i % PARTS < CHOOSING),
        new PickedDataset(samples, i -> i % PARTS == CHOOSING),
        new PickedDataset(samples, i -> i % PARTS == PROVING));
  }
}
