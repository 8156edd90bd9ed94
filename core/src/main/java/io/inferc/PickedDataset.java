package io.inferc;

import io.inferc.tensor.Dataset;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

/**
 * Some samples of a data set, by their numbers, counted anew from 0.
 *
 * @param source all samples
 * @param picked which of them
 */
record PickedDataset(Dataset source, LongPredicate picked) implements Dataset {
  @Override
  public void forEach(Visitor visitor) {
    long[] next = {0};
    source.forEach((index, sample) -> !picked.test(index) || visitor.visit(next[0]++, sample));
  }

  @Override
  public OptionalLong size() {
    OptionalLong all = source.size();
    return all.isEmpty()
        ? all
        : OptionalLong.of(LongStream.range(0, all.getAsLong()).filter(picked).count());
  }
}
