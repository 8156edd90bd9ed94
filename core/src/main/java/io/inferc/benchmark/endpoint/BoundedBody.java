package io.inferc.benchmark.endpoint;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The body of an answer as bytes, of which no more are kept than was allowed. */
final class BoundedBody implements BodySubscriber<byte[]> {
  private final CompletableFuture<byte[]> result = new CompletableFuture<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final long limit;
  private final boolean cut;
  private Flow.@Nullable Subscription subscription;

  private BoundedBody(long limit, boolean cut) {
    this.limit = limit;
    this.cut = cut;
  }

  /** A body that is read as a whole or not at all. */
  static BoundedBody whole(long limit) {
    return new BoundedBody(limit, false);
  }

  /** The beginning of a body, or what came of it before the connection broke. */
  static BoundedBody beginning(int length) {
    return new BoundedBody(length, true);
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      if (result.isDone()) {
        return;
      }
      int room = (int) Math.min(limit - bytes.size(), buffer.remaining());
      byte[] part = new byte[room];
      buffer.get(part);
      bytes.writeBytes(part);
      if (buffer.hasRemaining()) {
        end();
      }
    }
  }

  private void end() {
    if (cut) {
      result.complete(bytes.toByteArray());
    } else {
      result.completeExceptionally(RequestFailure.tooLong(limit));
    }
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public void onError(Throwable failure) {
    if (cut) {
      result.complete(bytes.toByteArray());
    } else {
      result.completeExceptionally(failure);
    }
  }

  @Override
  public void onComplete() {
    result.complete(bytes.toByteArray());
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return result;
  }
}
