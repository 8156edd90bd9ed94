package io.inferc.examples;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/**
 * Turns sentences into the three inputs of a BERT-like encoder, padded to the longest of a batch.
 */
final class TextEncoder implements AutoCloseable {
  private static final String RESOURCE = "/all-minilm-l6-v2-tokenizer.json";

  private final HuggingFaceTokenizer tokenizer;

  /**
   * Loads the tokenizer of all-MiniLM-L6-v2.
   *
   * @param maxTokens longer sentences are cut there
   */
  TextEncoder(int maxTokens) throws IOException {
    try (InputStream in = TextEncoder.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IOException("the tokenizer " + RESOURCE + " is not on the class path");
      }
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              in,
              Map.of(
                  "padding",
                  "true",
                  "truncation",
                  "true",
                  "maxLength",
                  Integer.toString(maxTokens),
                  "modelMaxLength",
                  Integer.toString(maxTokens)));
    }
  }

  /** Returns input_ids, attention_mask and token_type_ids, INT64 [sentences, tokens]. */
  Map<String, Tensor> encode(List<String> sentences) {
    Encoding[] encodings = tokenizer.batchEncode(sentences);
    int tokens = encodings[0].getIds().length;
    long[] ids = new long[encodings.length * tokens];
    long[] mask = new long[ids.length];
    long[] types = new long[ids.length];
    for (int i = 0; i < encodings.length; i++) {
      System.arraycopy(encodings[i].getIds(), 0, ids, i * tokens, tokens);
      System.arraycopy(encodings[i].getAttentionMask(), 0, mask, i * tokens, tokens);
      System.arraycopy(encodings[i].getTypeIds(), 0, types, i * tokens, tokens);
    }
    long[] shape = {encodings.length, tokens};
    return Map.of(
        "input_ids", Tensor.of(ids, shape),
        "attention_mask", Tensor.of(mask, shape),
        "token_type_ids", Tensor.of(types, shape));
  }

  /** Returns a data set of requests of one sentence each, encoded when they are visited. */
  Dataset singly(List<Corpus> sentences) {
    return Dataset.generated(sentences.size(), i -> encode(List.of(sentences.get((int) i).text())));
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
