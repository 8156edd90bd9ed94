package io.inferc.benchmark;

import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * How many of the tokens that a model computes belong to a request, and how many only pad shorter
 * sequences to the length of a batch or profile.
 *
 * @param useful tokens that belong to a request
 * @param computed tokens of all positions, padding included, at least as many as are useful
 */
public record UsefulTokens(long useful, long computed) {
  private static final int BLOCK = 4096;

  /** Nothing counted yet. */
  public static final UsefulTokens NONE = new UsefulTokens(0, 0);

  /** Checks the counts. */
  public UsefulTokens {
    if (useful < 0 || computed < useful) {
      throw new IllegalArgumentException(
          "Tried to count "
              + useful
              + " useful of "
              + computed
              + " computed tokens; all are 0 or more, and no more are useful than computed.");
    }
  }

  /**
   * Counts a batch by the lengths of its sequences.
   *
   * @param lengths of the sequences, in tokens, 0 or more each; rows that only fill a batch have 0
   * @param paddedTo the length that all are padded to
   * @return the counts
   * @throws IllegalArgumentException if a length is negative or beyond what all are padded to
   */
  public static UsefulTokens ofLengths(int[] lengths, int paddedTo) {
    Objects.requireNonNull(lengths, "lengths");
    long useful = 0;
    for (int length : lengths) {
      if (length < 0 || length > paddedTo) {
        throw new IllegalArgumentException(
            "Tried to count a sequence of "
                + length
                + " tokens in a batch padded to "
                + paddedTo
                + "; give lengths from 0 to that.");
      }
      useful += length;
    }
    return new UsefulTokens(useful, (long) lengths.length * paddedTo);
  }

  /**
   * Counts a batch by its attention mask.
   *
   * @param mask 1 (or true) where a token belongs to the request, else 0; of any shape, one element
   *     a token
   * @return the counts
   * @throws IllegalArgumentException if an element is neither 0 nor 1, as in masks that are added
   *     to scores
   */
  public static UsefulTokens ofMask(Tensor mask) {
    Objects.requireNonNull(mask, "mask");
    long elements = mask.elementCount();
    double[] block = new double[(int) Math.min(BLOCK, Math.max(1, elements))];
    long useful = 0;
    for (long first = 0; first < elements; first += block.length) {
      int count = (int) Math.min(block.length, elements - first);
      mask.readDoubles(first, block, count);
      for (int i = 0; i < count; i++) {
        if (block[i] != 0 && block[i] != 1) {
          throw new IllegalArgumentException(
              "Tried to count tokens by a mask, but element "
                  + (first + i)
                  + " is "
                  + block[i]
                  + "; pass the mask with 1 for tokens and 0 for padding, or the lengths.");
        }
        useful += (long) block[i];
      }
    }
    return new UsefulTokens(useful, elements);
  }

  /**
   * Counts one request by its mask.
   *
   * @param inputs all inputs, by name
   * @param maskInput the name of the attention mask among them
   * @return the counts
   * @throws IllegalArgumentException if there is no such input, or it is no mask of 0 and 1
   */
  public static UsefulTokens ofRequest(Map<String, Tensor> inputs, String maskInput) {
    Objects.requireNonNull(inputs, "inputs");
    Objects.requireNonNull(maskInput, "maskInput");
    Tensor mask = inputs.get(maskInput);
    if (mask == null) {
      throw new IllegalArgumentException(
          "Tried to count tokens by the input '"
              + maskInput
              + "', but the request has "
              + inputs.keySet()
              + "; name the attention mask.");
    }
    return ofMask(mask);
  }

  /**
   * Counts all requests of a data set by their masks.
   *
   * @param requests the requests, all of the set's samples
   * @param maskInput the name of the attention mask
   * @return the counts together
   * @throws IllegalArgumentException if a request has no such input, or it is no mask of 0 and 1
   */
  public static UsefulTokens of(Dataset requests, String maskInput) {
    Objects.requireNonNull(requests, "requests");
    Objects.requireNonNull(maskInput, "maskInput");
    UsefulTokens[] sum = {NONE};
    requests.forEach(
        (index, sample) -> {
          sum[0] = sum[0].plus(ofRequest(sample, maskInput));
          return true;
        });
    return sum[0];
  }

  /**
   * Adds counts.
   *
   * @param other of other requests
   * @return the counts together
   * @throws ArithmeticException if there are too many to count
   */
  public UsefulTokens plus(UsefulTokens other) {
    Objects.requireNonNull(other, "other");
    return new UsefulTokens(
        Math.addExact(useful, other.useful), Math.addExact(computed, other.computed));
  }

  /**
   * Returns the share of the computed tokens that is useful.
   *
   * @return from 0 to 1; 1 if nothing was computed, as nothing was wasted
   */
  public double ratio() {
    return computed == 0 ? 1 : (double) useful / computed;
  }

  /** Returns text such as {@code 1,204 of 2,048 tokens useful (58.8 %)}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%,d of %,d tokens useful (%.1f %%)", useful, computed, 100 * ratio());
  }
}
