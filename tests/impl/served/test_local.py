from impl.served.deployment import read_deployment


def test_addresses_are_free_and_different(file):
    assert len(read_deployment(file).networks) == 2
