package com.example.quotes;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Random;
import org.springframework.stereotype.Service;

/** Sends quotes until its client cancels; it does not depend on the guard. */
@Service
final class QuoteService extends QuotesGrpc.QuotesImplBase {

  @Override
  public void stream(StreamRequest request, StreamObserver<Quote> client) {
    if (request.getSymbol().isEmpty()) {
      client.onError(
          Status.INVALID_ARGUMENT.withDescription("symbol must not be empty").asRuntimeException());
      return;
    }
    var quotes = (ServerCallStreamObserver<Quote>) client;
    var quote = Quote.newBuilder().setSymbol(request.getSymbol());
    var prices = new Random(1).ints(9_000, 11_000).iterator();
    quotes.setOnReadyHandler(
        () -> {
          while (quotes.isReady()) {
            quotes.onNext(quote.setPrice(prices.next()).build());
          }
        });
  }
}
