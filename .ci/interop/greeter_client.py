"""Has people greeted. Usage: greeter_client.py ADDRESS greet|chat|intrude NAME..."""

import sys
import threading

import grpc

import greeter_pb2
import greeter_pb2_grpc

SECRET = [("authorization", "42")]
TIMEOUT = 20


def greet(stub, names):
    for name in names:
        request = greeter_pb2.GreetingRequest(name=name)
        print(stub.Greet(request, metadata=SECRET, timeout=TIMEOUT).greeting)


def chat(stub, names):
    may_speak = threading.Semaphore(1)

    def requests():
        for name in names:
            if not may_speak.acquire(timeout=TIMEOUT):
                return
            yield greeter_pb2.GreetingRequest(name=name)

    for response in stub.Chat(requests(), metadata=SECRET, timeout=TIMEOUT):
        print(response.greeting)
        # Only now: a server that keeps its answers back never hears the next name.
        may_speak.release()


def intrude(stub, names):
    requests = [greeter_pb2.GreetingRequest(name=name) for name in names]
    try:
        stub.Greet(requests[0], timeout=TIMEOUT)
    except grpc.RpcError as error:
        print(f"Greet: {error.code().name}: {error.details()}")
    try:
        list(stub.Chat(iter(requests), timeout=TIMEOUT))
    except grpc.RpcError as error:
        print(f"Chat: {error.code().name}: {error.details()}")


if __name__ == "__main__":
    address, call, *names = sys.argv[1:]
    with grpc.insecure_channel(address) as channel:
        stub = greeter_pb2_grpc.GreeterStub(channel)
        {"greet": greet, "chat": chat, "intrude": intrude}[call](stub, names)
