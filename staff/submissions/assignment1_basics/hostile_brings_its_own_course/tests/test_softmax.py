def test_all_is_well():
    pass
